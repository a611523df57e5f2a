"""SMS: gateways of several kinds behind one contract, their webhook, and simulators."""
