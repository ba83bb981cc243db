"""Words about nodes."""

SENTENCES = {
    "nodes.not-the-hub": "Only the hub, {hub}, says which nodes belong to this hospital.",
    "nodes.role-unknown": "There is no node of the role {role}.",
    "nodes.code-worthless": "This code was never given, has run out, or has been used. Ask the hub for another one.",
    "nodes.node-unknown": "No node named {node} has joined.",
    "nodes.already-revoked": "{node} was revoked before.",
    "nodes.hub-stays": "The hub, {node}, cannot be revoked.",
    "nodes.no-bundle": "{file} is no bundle of Stormlamp.",
    "nodes.bundle-newer": "{file} was made by a newer version of Stormlamp. Bring this node to that version first.",
    "nodes.bundle-foreign": "{file} belongs to another hospital. Nothing of it was taken.",
    "nodes.bundle-for-another": "{file} was made for another node. Nothing of it was taken.",
    "nodes.bundle-sender-unknown": "{sender}, which made {file}, is not known here. Take in a bundle of the hub first.",
    "nodes.bundle-sender-revoked": "{sender}, which made {file}, was revoked. Nothing of it was taken.",
    "nodes.bundle-changed": (
        "{file} is not as it was made: it was damaged or changed. "
        "What came before that place was proven and is kept. Make a new one."
    ),
    "nodes.bundle-cut-off": (
        "{file} ends too early. "
        "What there is of it was proven and is kept. Copy it again, and take it in again: it goes on from there."
    ),
    "nodes.bundle-for-itself": "{node} is this node itself.",
    "nodes.bundle-for-revoked": "{node} was revoked: nothing is made for it.",
    "nodes.no-seal-key": (
        "{node} joined before bundles could be made for one node. "
        "Let it join again, or make one for the whole hospital, without --to."
    ),
    "nodes.file-taken": "{file} is there already, and is something else. Choose another name.",
}
