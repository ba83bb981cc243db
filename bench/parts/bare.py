"""The limit of a receiver: frames into an encrypted table by the same group commit, and an answer that was made beforehand.

    python bench/parts/bare.py PORT FOLDER KEY PRAGMAS

Nothing is parsed, hashed, chained, signed, recognised as a duplicate or projected. Prints `listening`, and runs until it is ended.
"""

import asyncio
import sys
from pathlib import Path

from sqlcipher3 import dbapi2

ANSWER = b"\x0bMSH|^~\\&|||||||ACK|1|P|2.5\rMSA|CA|1\r\x1c\r"


class Sender(asyncio.Protocol):
    """One connection; all share the group."""

    group: "list[tuple[Sender, bytes]]" = []
    database: "dbapi2.Connection"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Whole frames go into the next commit."""
        self.buffer += data
        while (end := self.buffer.find(b"\x1c\r")) >= 0:
            if not self.group:
                asyncio.get_running_loop().call_soon(self.commit)
            self.group.append((self, self.buffer[1:end]))
            self.buffer = self.buffer[end + 2 :]

    def commit(self) -> None:
        """Durable, then answered."""
        group = list(self.group)
        self.group.clear()
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany("INSERT INTO raw (message) VALUES (?)", [(raw,) for _, raw in group])
        self.database.execute("COMMIT")
        for sender, _ in group:
            sender.transport.write(ANSWER)


async def main(port: int, folder: Path, key: str, pragmas: str) -> None:
    """Listen."""
    Sender.database = dbapi2.connect(str(folder / "bare.db"), isolation_level=None)
    Sender.database.execute(f"PRAGMA key = \"x'{key}'\"")
    Sender.database.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
    for pragma in pragmas.split(";"):
        Sender.database.execute(pragma.strip())
    Sender.database.execute("CREATE TABLE raw (number INTEGER PRIMARY KEY, message BLOB NOT NULL)")
    server = await asyncio.get_running_loop().create_server(Sender, "127.0.0.1", port)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
