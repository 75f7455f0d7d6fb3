"""The page for people: the salon's journal on the left, amoCRM's pipelines on the right, one clock above."""
