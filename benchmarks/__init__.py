"""What the figures of the README come from: load, calibration, peers to compare with, and the form of a figure."""
