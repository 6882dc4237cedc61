/** Where the imports of a file named on the command line may reach: the folder the command runs in, or the file's own when it lies outside. */
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { ResolveModule } from "../python/resolveModule";
import { createModuleResolver } from "../workspace/moduleResolver";

export function importsFrom(path: string): ResolveModule {
  const inside = relative(process.cwd(), resolve(path));
  if (!inside.startsWith("..") && !isAbsolute(inside)) return createModuleResolver(process.cwd());
  const resolver = createModuleResolver(dirname(resolve(path)));
  return (request) => resolver({ ...request, fromPath: resolve(request.fromPath) });
}
