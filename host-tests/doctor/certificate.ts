import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate that names itself, valid from and until some days from now; by openssl's own CA, which alone takes dates of the past. */
export function certificate(folder: string, fromDays: number, untilDays: number): { certificate: string; key: string } {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const config = `
[ca]
default_ca = own
[own]
database = ${file("index.txt")}
new_certs_dir = ${folder}
default_md = sha256
policy = any
rand_serial = yes
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:shop.example
`;
  writeFileSync(file("ca.cnf"), config);
  writeFileSync(file("index.txt"), "");
  openssl(
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    file("key.pem"),
    "-out",
    file("request.pem"),
    "-subj",
    "/CN=shop.example",
  );
  const dates = ["-startdate", date(fromDays), "-enddate", date(untilDays)];
  const files = ["-in", file("request.pem"), "-out", file("certificate.pem"), "-keyfile", file("key.pem")];
  openssl("ca", "-batch", "-selfsign", "-config", file("ca.cnf"), ...files, ...dates);
  return { certificate: readFileSync(file("certificate.pem"), "utf8"), key: readFileSync(file("key.pem"), "utf8") };
}

const date = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, "")}`;
