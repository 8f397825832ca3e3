// Every entry point: the text that NVRTC compiles.
#pragma once
#include "entry/advance.h"
#include "entry/emit.h"
#include "entry/locate.h"
#include "entry/probe_laws.h"
