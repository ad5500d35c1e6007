import { registerPlugin } from "../../sdk/index";
import { RequestAuthPlugin } from "./plugin";

registerPlugin<RequestAuthPlugin>("request-auth");
