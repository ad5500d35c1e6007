/** A filter with the timers that its configuration names, `every 400, after 500`, which say when they run: `every 400 at 800`. */
import { Clock, HttpContext, log, PluginContext, registerConfiguredHttpFilter, Timer } from "../../../assembly/index";

class Told extends Timer {
  private readonly begun: u64 = Clock.now();

  constructor(private readonly name: string) {
    super();
  }

  onTimer(): void {
    log.info(this.name + " at " + ((Clock.now() - this.begun) / 1000000).toString());
  }
}

class Timed extends PluginContext {
  onConfigure(): bool {
    const names = this.configuration.split(", ");
    for (let i = 0; i < names.length; i++) this.begin(names[i]);
    return true;
  }

  private begin(name: string): void {
    const milliseconds = <u32>parseInt(name.split(" ")[1]);
    if (name.startsWith("every")) this.every(milliseconds, new Told(name));
    else this.after(milliseconds, new Told(name));
  }
}

registerConfiguredHttpFilter<Timed, HttpContext>("timers");
