"""``python -m integrations.zalobot.simulator --port 9401``: a bot to try things out with."""

from __future__ import annotations

from pathlib import Path

import click
from aiohttp import web

from integrations.simulation.clock import MachineClock
from integrations.zalobot.simulator import BotSimulator

TOKEN = "1234567890:simulator"


@click.command()
@click.option("--port", default=9401, show_default=True, help="Port on 127.0.0.1.")
@click.option("--token", default=TOKEN, show_default=True, help="The bot's token.")
@click.option("--state", type=click.Path(path_type=Path), help="File that keeps the phones.")
def main(port: int, token: str, state: Path | None) -> None:
    """Serve a simulated Zalo Bot Platform on this machine."""
    simulator = BotSimulator(MachineClock(), token, state_path=state, allow_http=True)
    base = f"http://127.0.0.1:{port}"
    click.echo(f"base  {base}\ntoken {token}\nphone {base}/phone/<id>/messages, .../send, /faults")
    web.run_app(simulator.app(), host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main()
