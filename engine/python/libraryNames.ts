/**
 * What installed packages are called, and the names under which their parts can be reached besides their documented
 * place.
 */

/** Packages that a file of the same name in the workspace does not stand for. */
const LIBRARIES = new Set(
  (
    "torch tensorflow keras tf_keras keras_core numpy math os sys time logging warnings random json argparse " +
    "builtins typing typing_extensions collections itertools functools copy re abc enum dataclasses pathlib " +
    "datetime pprint contextlib inspect operator pickle shutil glob string types __future__"
  ).split(" "),
);

/** Whether a module's files are never looked for in the workspace. */
export const isLibrary = (module: string): boolean => LIBRARIES.has(module.split(".")[0] ?? "");

const ALIASES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/^torch\.nn\.modules\.\w+\.(?!_)(\w+)$/, "torch.nn.$1"],
  [/^torch\.nn\.modules\.(?!batchnorm$|conv$)([A-Z]\w+)$/, "torch.nn.$1"],
  [/^torch\.nn\.modules\.(?:batchnorm\.)?_BatchNorm$/, "torch.nn._BatchNorm"],
  [/^torch\.jit\.ScriptModule$/, "torch.nn.Module"],
  [/^torch\.nn\.parameter\.Parameter$/, "torch.nn.Parameter"],
  [/^torch\.nn\.parallel\.data_parallel\.DataParallel$/, "torch.nn.DataParallel"],
  [/^torch\.nn\.parallel\.distributed\.DistributedDataParallel$/, "torch.nn.parallel.DistributedDataParallel"],
  [/^torch\.optim\.(?!lr_scheduler|swa_utils)\w+\.([A-Z]\w*)$/, "torch.optim.$1"],
  [
    /^torchvision\.models\.\w+\.([a-z]\w*|ResNet|VGG|AlexNet|DenseNet|MobileNetV[23]|EfficientNet)$/,
    "torchvision.models.$1",
  ],
  [/^six\.string_types$/, "builtins.str"],
  [/^six\.moves\.(range|zip|map|filter|input)$/, "builtins.$1"],
  [/^six\.moves\.xrange$/, "builtins.range"],
  [/^typing\.OrderedDict$/, "collections.OrderedDict"],
  [/^torch\.functional\.(\w+)$/, "torch.$1"],
  // Tensor types of a GPU make the same values in another memory.
  [/^torch\.cuda\.(\w*Tensor)$/, "torch.$1"],
];

/** The path under which a part of a package is documented. */
export function documentedPath(path: string): string {
  for (const [pattern, replacement] of ALIASES) if (pattern.test(path)) return path.replace(pattern, replacement);
  return path;
}
