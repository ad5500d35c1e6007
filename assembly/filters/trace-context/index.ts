import { registerPlugin } from "../../sdk/index";
import { TraceContextPlugin } from "./config";

registerPlugin<TraceContextPlugin>("trace-context");
