"""From an acknowledged message to a delivered answer: inbox, turns, outbox, sweeps."""
