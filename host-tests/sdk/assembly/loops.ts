/** A filter whose loops leave a text in each round, the length squared in all, while it holds views and objects of all kinds. */
import {
  DataStatus,
  HeadersStatus,
  HttpContext,
  ProtoWriter,
  registerHttpFilter,
  SliceBuilder,
  sliceToString,
  textSlice,
} from "../../../assembly/index";

class Output {
  text: string = "";

  put(part: string): void {
    this.text += part;
  }
}

class Loops extends HttpContext {
  output: Output = new Output();

  onRequestHeaders(_endOfStream: bool): HeadersStatus {
    this.willChangeRequestBody();
    return HeadersStatus.Continue;
  }

  onRequestBody(_size: u32, endOfStream: bool): DataStatus {
    const text = this.requestBody.getText();
    if (!endOfStream || text == null) return DataStatus.StopIterationAndBuffer;
    const view = textSlice(text.substring(0, 5) + "!");
    const message = new ProtoWriter();
    message.text(1, text.substring(0, 3));
    const builder = new SliceBuilder(100);
    const seen = new Map<string, string>();
    for (let i = 0; i < text.length; i++) {
      this.output.put(text.charAt(i));
      if (i % 10_000 != 0) continue;
      seen.set(i.toString(), text.substring(i, i + 3));
      builder.append(textSlice(i.toString() + " "));
    }
    const parts: string[] = [sliceToString(view), sliceToString(builder.slice), String.UTF8.decode(message.toBytes().buffer)];
    const keys = seen.keys();
    for (let i = 0; i < keys.length; i++) parts.push(keys[i] + "=" + seen.get(keys[i]));
    this.requestBody.replace(parts.join("|") + "|" + this.output.text);
    return DataStatus.Continue;
  }
}

registerHttpFilter<Loops>("loops");
