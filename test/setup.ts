import fc from 'fast-check';

// The same random cases in every run, so that a change is judged by what it changed; YAGURA_FUZZ_SEED explores others.
fc.configureGlobal({ seed: Number(process.env.YAGURA_FUZZ_SEED ?? 20_261_121) });
