/** Tells in the log what a foreign function of the host handed over. */
import { HttpContext, log, orDefault, PluginContext, registerConfiguredHttpFilter } from "../../../assembly/index";

class Called extends PluginContext {
  onForeignFunction(functionId: u32, argumentsSize: u32): void {
    const text = this.foreignArguments.getText();
    log.info("function " + functionId.toString() + " with " + argumentsSize.toString() + ": " + orDefault(text, "null"));
  }
}
registerConfiguredHttpFilter<Called, HttpContext>("called");
