"""Pictures: plain values → SVG → PNG. ``draw`` loads the drawing itself; ``views`` are what is drawn."""
