"""Pages of 一事一议: its moves, what is recorded on the way, and the register."""
