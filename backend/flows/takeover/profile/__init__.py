"""The other widget's marks and habits: measured, corrected by a person, made into a draft of our rules."""
