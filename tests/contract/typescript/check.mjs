// Reads an OpenRPC document, validates it by the official meta-schema, and writes its types: `node check.mjs DOCUMENT OUT`.

import { readFileSync, writeFileSync } from "node:fs";
import { validateOpenRPCDocument } from "@open-rpc/schema-utils-js";
import { compile } from "json-schema-to-typescript";

const [source, target] = process.argv.slice(2);
const contract = JSON.parse(readFileSync(source, "utf8"));
const valid = validateOpenRPCDocument(contract);
if (valid !== true) {
  console.error(String(valid.message).slice(0, 5000));
  process.exit(1);
}

const object = (entries, required = Object.keys(entries)) => ({
  type: "object",
  properties: entries,
  required,
  additionalProperties: false,
});

const params = (method) =>
  object(
    Object.fromEntries(method.params.map((param) => [param.name, param.schema])),
    method.params.filter((param) => param.required).map((param) => param.name),
  );

const methods = Object.fromEntries(
  contract.methods.map((method) => [
    method.name,
    object({ params: params(method), result: method.result.schema }),
  ]),
);
const events = Object.fromEntries(contract["x-events"].map((event) => [event.name, event.data]));

const root = { title: "Contract", components: contract.components, ...object({ methods: object(methods), events: object(events) }) };
const types = await compile(root, "Contract", { bannerComment: "", additionalProperties: false });

// What a client is built from: a call that knows its method's params and result, and a handler that knows its event.
const client = `
export type Method = keyof Contract["methods"];
export type Params<M extends Method> = Contract["methods"][M]["params"];
export type Result<M extends Method> = Contract["methods"][M]["result"];
export type Event = keyof Contract["events"];

export interface Client {
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  on<E extends Event>(event: E, handler: (data: Contract["events"][E]) => void): void;
}

export async function example(client: Client): Promise<string | null> {
  client.on("message.created", (message) => message.content.length);
  client.on("session.ready", (ready) => ready.limits.max_message_bytes);
  const sent = await client.call("message.send", { receiver_id: "01890000-0000-7000-8000-000000000000", content: "Hello" });
  // @ts-expect-error a member that the contract does not have
  void sent.no_such_member;
  // @ts-expect-error a method that the contract does not have
  void client.call("message.sned", {});
  const page = await client.call("conversation.list", {});
  return page.next_cursor ?? null;
}
`;
writeFileSync(target, types + client);
