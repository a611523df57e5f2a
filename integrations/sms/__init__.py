"""SMS: numbers, part counting, a plain HTTP gateway adapter and a simulator of both sides."""
