"""What the widget inside amoCRM asks for."""
