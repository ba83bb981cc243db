"""Why a bundle is not taken, or not made."""

from stormlamp.kernel.refusals import Refusal


class NoBundle(Refusal):
    """The file is something else."""

    code = "nodes.no-bundle"


class BundleNewer(Refusal):
    """It was made by a version that came later."""

    code = "nodes.bundle-newer"


class BundleForeign(Refusal):
    """It is another hospital's."""

    code = "nodes.bundle-foreign"


class BundleForAnother(Refusal):
    """It was made for another node."""

    code = "nodes.bundle-for-another"


class BundleSenderUnknown(Refusal):
    """The node that made it is not known here."""

    code = "nodes.bundle-sender-unknown"


class BundleSenderRevoked(Refusal):
    """The node that made it was revoked."""

    code = "nodes.bundle-sender-revoked"


class BundleChanged(Refusal):
    """Some byte of it is not as it was made."""

    code = "nodes.bundle-changed"


class BundleCutOff(Refusal):
    """It ends before its end."""

    code = "nodes.bundle-cut-off"


class BundleForItself(Refusal):
    """A node makes none for itself."""

    code = "nodes.bundle-for-itself"


class BundleForRevoked(Refusal):
    """The node that it is to be for was revoked."""

    code = "nodes.bundle-for-revoked"


class NoSealKey(Refusal):
    """The node that it is to be for joined before there were bundles."""

    code = "nodes.no-seal-key"


class FileTaken(Refusal):
    """There is something else in the file that was named."""

    code = "nodes.file-taken"
