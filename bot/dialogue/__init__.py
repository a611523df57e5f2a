"""(conversation state, what was heard) -> what to do next. Pure: no input, no output."""
