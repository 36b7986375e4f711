"""Controls, their evidence, what came of them, reports and findings. It is engineering evidence, not legal advice."""
