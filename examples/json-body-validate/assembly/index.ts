/** Refuses requests whose JSON body lacks fields or has them with another type, and says which. */
import {
  DataStatus,
  HeaderList,
  HeadersStatus,
  HttpContextOf,
  JsonParser,
  JsonType,
  JsonValue,
  orDefault,
  PluginContext,
  registerConfiguredHttpFilter,
} from "meshwright/assembly";

const TYPES = ["null", "boolean", "number", "string", "array", "object"];

class Shape extends PluginContext {
  fields: string[] = [];
  types: JsonType[] = [];

  onConfigure(): bool {
    const config = this.readConfig("json-body-validate");
    config.root.allow(["required"]);
    const required = config.root.get("required");
    const names = required.keys();
    for (let i = 0; i < names.length; i++) {
      this.fields.push(names[i]);
      this.types.push(<JsonType>TYPES.indexOf(required.get(names[i]).oneOf(TYPES)));
    }
    if (names.length == 0) required.expected('an object such as {"user": "string"}');
    return config.ok || this.refuse(config);
  }

  /** What is wrong with a body; "" when nothing is. */
  problemOf(text: string): string {
    const parser = new JsonParser(text);
    const value = parser.parse();
    if (value == null) return "no JSON: " + parser.error;
    if (value.type != JsonType.Object) return "expected an object, found " + value.describe();
    for (let i = 0; i < this.fields.length; i++) {
      const field = value.member(this.fields[i]);
      const expected = TYPES[this.types[i]];
      if (field == null) return this.fields[i] + ": expected " + expected + ", found nothing";
      if (field.type != this.types[i]) return this.fields[i] + ": expected " + expected + ", found " + field.describe();
    }
    return "";
  }
}

class Validated extends HttpContextOf<Shape> {
  private isJson: bool = false;

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const type = this.requestHeaders.get("content-type");
    this.isJson = orDefault(type, "").startsWith("application/json");
    if (!this.isJson || !endOfStream) return HeadersStatus.Continue;
    this.refuse("no body");
    return HeadersStatus.StopIteration;
  }

  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (!this.isJson) return DataStatus.Continue;
    // The upstream has the headers by now, and gets the body only when all of it is there and right.
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    const text = this.requestBody.getText();
    const problem = this.plugin.problemOf(orDefault(text, ""));
    if (problem.length == 0) return DataStatus.Continue;
    this.refuse(problem);
    return DataStatus.StopIterationNoBuffer;
  }

  private refuse(problem: string): void {
    this.sendLocalResponse(400, problem + "\n", new HeaderList().add("content-type", "text/plain"));
  }
}
registerConfiguredHttpFilter<Shape, Validated>("json-body-validate");
