"""Words about nodes."""

SENTENCES = {
    "nodes.not-the-hub": "Only the hub, {hub}, says which nodes belong to this hospital.",
    "nodes.role-unknown": "There is no node of the role {role}.",
    "nodes.code-worthless": "This code was never given, has run out, or has been used. Ask the hub for another one.",
    "nodes.node-unknown": "No node named {node} has joined.",
    "nodes.already-revoked": "{node} was revoked before.",
    "nodes.hub-stays": "The hub, {node}, cannot be revoked.",
}
