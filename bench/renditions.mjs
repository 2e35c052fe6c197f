// Twelve squares of one picture with sharp: a path a line in, milliseconds of processor time a line out.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { sides, quality, folder, oneDecode } = JSON.parse(process.argv[2]);
const sharp = createRequire(`${folder}/`)("sharp");
sharp.cache(false);
sharp.concurrency(1);

const jpeg = { quality, chromaSubsampling: "4:2:0" };
const square = (from, side) => from.resize(side, side, { fit: "cover" });

for await (const path of createInterface({ input: process.stdin })) {
  const picture = readFileSync(path);
  const before = process.cpuUsage();
  let source = () => sharp(picture).rotate();
  if (oneDecode) {
    const { data, info } = await square(source(), sides[0]).raw().toBuffer({ resolveWithObject: true });
    source = () => sharp(data, { raw: info });
  }
  for (const side of sides) await square(source(), side).jpeg(jpeg).toBuffer();
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
}
