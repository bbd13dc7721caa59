// One function a source file: each defines its ops and their kernels.
#pragma once

void defineAddNorm();
void defineActivation();
void defineAttention();
void defineDropout();
void defineAdamW();
