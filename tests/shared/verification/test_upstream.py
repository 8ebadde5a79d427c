"""An upstream that cannot be asked says why, in a line."""

import asyncio

import pytest

from shared.verification.held import BEGINNING
from shared.verification.upstream import Upstream, UpstreamSilent
from shared.verification.views import TALENTS_IN_REPORTING


async def test_an_answer_without_digests_is_none() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Upstream(TALENTS_IN_REPORTING, address, "") as upstream:
            with pytest.raises(UpstreamSilent, match=r"^placement at http://127.* it answers something else$"):
                await upstream.next_range(BEGINNING)
