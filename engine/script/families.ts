/**
 * Which networks of libraries have batch normalization. Only families that always have it count; a name of a project
 * whose file cannot be read counts when it is the name of one of them (`ResNet18` from a file that is not there):
 * these architectures are defined with their BN layers, and other versions say so in their name (`resnet18_gn`).
 */

/** Names of architectures, in lower case without separators. */
const WITH_NORM = new RegExp(
  "^(se_?|cbam_?|pre_?act_?|wide_?|ig_|tv_|ssl_|swsl_|legacy_|tf_|gluon_)*(res_?ne[xs]?t|res2net|" +
    "seresnext|senet|densenet|mobile_?net|shuffle_?net|efficient_?net|regnet|mnas_?net|inception|" +
    "googlenet|xception|dla\\d|ghostnet|hrnet|dpn\\d|nasnet|wrn|wide_?resnet)",
);
const VGG = /^vgg\d*_?(bn)$/;
const WITHOUT = new RegExp(
  "(frozen|_gn|gn$|groupnorm|group_norm|_ln$|layernorm|nobn|no_bn|_in$|instancenorm|fixup|nf_|" +
    "nfnet|norm_?free|filter_?response|frn|resnetv2|bit|iternorm|spectral|_sn$|block|layer|convnext|" +
    "config|encoder_channels|weights|transform|preprocess|tokenizer)",
);
const NEVER =
  /^(alexnet|vgg\d*|squeezenet|vit|swin|maxvit|convnext|deit|beit|mixer|bert|gpt|clip|lenet|unet_gn|lstm|transformer)/;

/** true, false, or null for a name that does not say. */
export function familyHasNorm(name: string): boolean | null {
  const plain = name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  const joined = name.toLowerCase();
  if (WITHOUT.test(plain)) return NEVER.test(joined) ? false : null;
  if (WITH_NORM.test(plain) || WITH_NORM.test(joined) || VGG.test(joined)) return true;
  return NEVER.test(joined) ? false : null;
}

/** Segmentation and detection models of torchvision and their relatives. */
const TORCHVISION_OTHERS = /^(fcn_resnet|deeplabv3_|lraspp_|r3d_18|mc3_18|r2plus1d_18|s3d)/;

export interface LibraryModel {
  readonly hasNorm: boolean | null;
  readonly hasDropout: boolean;
}

/** What a call of a library's model builder makes; null when the path is no builder that is known. */
export function libraryModel(path: string, name: string | null): LibraryModel | null {
  const last = path.split(".").at(-1) ?? "";
  if (path.startsWith("torchvision.models.")) return torchvisionModel(last);
  if (/^timm\.(models\.)?(factory\.)?create_model$/.test(path))
    return name === null ? unknownModel : ofFamily(name.split("/").at(-1) ?? name);
  if (path === "torch.hub.load") return name === null ? unknownModel : ofFamily(name);
  if (/^segmentation_models_pytorch\.\w+$/.test(path))
    return /^[A-Z]/.test(last) || last === "create_model" ? { hasNorm: true, hasDropout: false } : null;
  if (/^efficientnet_pytorch\.EfficientNet\b/.test(path)) return { hasNorm: true, hasDropout: true };
  if (/^(pretrainedmodels|pytorchcv|resnest|geffnet|torchreid\.models)\./.test(path)) return ofFamily(name ?? last);
  if (path.startsWith("torchvision.") || path.startsWith("torch.")) return null;
  return familyHasNorm(last) === true ? ofFamily(last) : null;
}

const unknownModel: LibraryModel = { hasNorm: null, hasDropout: false };

function ofFamily(name: string): LibraryModel {
  return {
    hasNorm: familyHasNorm(name),
    hasDropout: /vgg|alexnet|efficientnet|mobilenet|inception|googlenet/i.test(name),
  };
}

function torchvisionModel(name: string): LibraryModel | null {
  if (/weights$/i.test(name) || name.startsWith("get_")) return null;
  if (/rcnn|retinanet|fcos|ssd/i.test(name)) return { hasNorm: null, hasDropout: false };
  if (TORCHVISION_OTHERS.test(name)) return { hasNorm: true, hasDropout: false };
  return ofFamily(name);
}
