import cProfile,pstats,sys,time
sys.path.insert(0,'/tmp/w/sweep')
from pathlib import Path
from ctc.sweep import run_sweep
t=time.time()
pr=cProfile.Profile(); pr.enable()
run_sweep(Path('trial.toml'),Path('o'),workers=1,device='cpu',overwrite=True,progress=lambda p: print(round(time.time()-t,1),p.message,p.detail))
pr.disable(); pstats.Stats(pr).sort_stats("tottime").print_stats(18)
