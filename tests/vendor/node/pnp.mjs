// One command for PnPjs, as JSON on standard input; what came of it, as JSON on standard output.
// {"what": "graph-set", "base": "http://127.0.0.1:1/v1.0", "token": "...", "who": "...", "data": "<base64>"}
// Without a base, Graph is where it is by itself: graph.microsoft.com.
import { BrowserFetchWithRetry, DefaultParse, InjectHeaders } from "@pnp/queryable";
import * as graph from "@pnp/graph";
import "@pnp/graph/photos/index.js";
import "@pnp/graph/users/index.js";
import * as sp from "@pnp/sp";
import "@pnp/sp/files/index.js";
import "@pnp/sp/folders/index.js";
import "@pnp/sp/profiles/index.js";
import "@pnp/sp/webs/index.js";

const asked = JSON.parse(await new Response(process.stdin).text());
const bytes = asked.data && Buffer.from(asked.data, "base64");
const signed = InjectHeaders({ Authorization: `Bearer ${asked.token}` });

const people = () =>
  graph.graphfi().using(graph.DefaultInit(asked.base ?? undefined), graph.DefaultHeaders(), BrowserFetchWithRetry(), DefaultParse(), signed);
const site = () =>
  sp
    .spfi(asked.base)
    .using(
      sp.DefaultInit(), sp.DefaultHeaders(), sp.RequestDigest(),
      BrowserFetchWithRetry(), DefaultParse(), signed,
    );

const commands = {
  "graph-list": () => people().users.select("id", "displayName").top(999)(),
  "graph-photo": () => people().users.getById(asked.who).photo(),
  "graph-bytes": async () => Buffer.from(await people().users.getById(asked.who).photo.getBuffer()).toString("base64"),
  "graph-set": () => people().users.getById(asked.who).photo.setContent(bytes),
  "sp-properties": () => site().profiles.getPropertiesFor(asked.who),
  "sp-property": () => site().profiles.getUserProfilePropertyFor(asked.who, asked.name),
  "sp-set-property": () => site().profiles.setSingleValueProfileProperty(asked.who, asked.name, asked.value),
  "sp-upload": async () => {
    const folder = site().web.getFolderByServerRelativePath(asked.folder);
    return folder.files.addUsingPath(asked.name, bytes, { Overwrite: true });
  },
  "sp-file": async () => Buffer.from(await site().web.getFileByServerRelativePath(asked.path).getBuffer()).toString("base64"),
};

try {
  process.stdout.write(JSON.stringify({ result: (await commands[asked.what]()) ?? null }));
} catch (trouble) {
  process.stdout.write(JSON.stringify({ status: trouble.status ?? 0, trouble: String(trouble.message) }));
}
