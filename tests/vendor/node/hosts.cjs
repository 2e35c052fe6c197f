// What a hosts file does, for one program: every TLS connection goes to the tenant on this machine, by its own name.
const tls = require("node:tls");

const { connect } = tls;
tls.connect = (options, ...rest) => {
  const here = { host: "127.0.0.1", port: process.env.TENANT_PORT, servername: options.servername ?? options.host };
  return connect({ ...options, ...here }, ...rest);
};
