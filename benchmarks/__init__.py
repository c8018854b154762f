"""What the figures of the README come from: load, calibration, peers to compare with, and how a figure is written down."""
