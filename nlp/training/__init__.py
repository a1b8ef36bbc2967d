"""Full training of the judge: `python -m nlp.training --data DIR [--out nlp/weights]`.

For developers: it needs scikit-learn, pandas and the real texts of the data folder, which are never shipped.
"""
