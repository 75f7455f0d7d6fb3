"""Working silently beside the other widget: comparing, and the gate."""
