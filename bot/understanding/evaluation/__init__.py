"""How well messages are understood: labelled questions in, figures out.

    rows      reads and checks files of labelled questions
    judged    one question beside what it was taken for
    report    the figures of many
    testset   the questions of ``nlu_data/test`` and what is derived from them

Only ``rows`` and ``testset`` read files; the measuring itself is pure.
"""
