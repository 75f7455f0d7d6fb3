"""The whole move of a network from GET8, played with real processes: look, match, try, switch, go back.

The product is driven only as people drive it. What is expected comes from the history's own key and from what
staff did here; the judge asks the emulators, never the product, what became of it.
"""
