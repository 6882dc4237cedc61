/** A helper thread: an instance of the kernels over the arena of the thread that trains. */
import { workerData } from "node:worker_threads";
import { instantiate } from "../../nn/kernels/kernels";
import { HelperChannel, type HelperData } from "./channel";

const { module, arena, channel } = workerData as HelperData;
new HelperChannel(channel).serve(instantiate(module, arena));
