"""When a reminder is due: quiet hours, lead times, expiry."""
