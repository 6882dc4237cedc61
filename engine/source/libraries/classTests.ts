/** What derives from what, among the classes of torch.nn. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  "torch.nn._BatchNorm": /^(Lazy)?BatchNorm[123]d$|^SyncBatchNorm$/,
  "torch.nn._NormBase": /^(Lazy)?(BatchNorm|InstanceNorm)[123]d$|^SyncBatchNorm$|^_BatchNorm$/,
  "torch.nn._InstanceNorm": /^(Lazy)?InstanceNorm[123]d$/,
  "torch.nn._ConvNd": /^(Lazy)?Conv(Transpose)?[123]d$/,
  "torch.nn._ConvTransposeNd": /^(Lazy)?ConvTranspose[123]d$/,
  "torch.nn._DropoutNd": /^(Alpha|FeatureAlpha)?Dropout([123]d)?$/,
  "torch.nn._MaxPoolNd": /^MaxPool[123]d$/,
  "torch.nn._AvgPoolNd": /^AvgPool[123]d$/,
  "torch.nn._AdaptiveAvgPoolNd": /^AdaptiveAvgPool[123]d$/,
  "torch.nn._AdaptiveMaxPoolNd": /^AdaptiveMaxPool[123]d$/,
  "torch.nn._MaxUnpoolNd": /^MaxUnpool[123]d$/,
  "torch.nn._ReflectionPadNd": /^ReflectionPad[123]d$/,
  "torch.nn._ReplicationPadNd": /^ReplicationPad[123]d$/,
  "torch.nn._ConstantPadNd": /^(Constant|Zero)Pad[123]d$/,
  "torch.nn.RNNBase": /^(LSTM|GRU|RNN)$/,
  "torch.nn.RNNCellBase": /^(LSTM|GRU|RNN)Cell$/,
  "torch.nn.Hardtanh": /^ReLU6$/,
  "torch.nn.Upsample": /^Upsampling(Nearest|Bilinear)2d$/,
  "torch.nn.ConstantPad1d": /^ZeroPad1d$/,
  "torch.nn.ConstantPad2d": /^ZeroPad2d$/,
  "torch.nn.ConstantPad3d": /^ZeroPad3d$/,
};

/** Private bases live in their modules, under whichever path they were imported from. */
export const familyPath = (path: string): string =>
  path.replace(
    /^torch\.nn\.(?:modules\.)?(?:\w+\.)?(_\w+Nd|_BatchNorm|_NormBase|_InstanceNorm|RNNBase|RNNCellBase)$/,
    "torch.nn.$1",
  );

export const isFamily = (path: string): boolean => familyPath(path) in FAMILIES;

/** Whether one class of torch.nn derives from another, or is it. */
export function derivesFrom(path: string, base: string): boolean {
  const family = familyPath(base);
  if (path === base || path === family) return true;
  const name = /^torch\.nn\.(\w+)$/.exec(path)?.[1];
  return name !== undefined && (FAMILIES[family]?.test(name) ?? false);
}
