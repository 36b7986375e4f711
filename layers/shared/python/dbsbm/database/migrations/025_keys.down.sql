DROP TABLE sealing_progress;
DROP TABLE key_ages;
DROP TABLE shredded_keys;
DROP TABLE data_keys;
DROP TABLE sealed_words;
