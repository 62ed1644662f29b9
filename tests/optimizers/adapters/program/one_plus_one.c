/* A (1+1) evolutionary algorithm that speaks the protocol of optimizers/adapters/program/protocol.md. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* Xorshift64* (Vigna 2016), a number in [0, 1). */
static double uniform(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (double)((state * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

/* The number after "key": in a message; the harness writes no blanks. */
static long number_of(const char *message, const char *key) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"%s\":", key);
    const char *place = strstr(message, wanted);
    return place ? atol(place + strlen(wanted)) : 0;
}

static void resample(int job, long num_cores, int *cores, double *priorities) {
    cores[job] = (int)(uniform() * (double)num_cores);
    priorities[job] = uniform();
}

static void answer(long num_jobs, const int *cores, const double *priorities) {
    printf("{\"mappings\":[{\"cores\":[");
    for (long j = 0; j < num_jobs; j++) printf(j ? ",%d" : "%d", cores[j]);
    printf("],\"priorities\":[");
    for (long j = 0; j < num_jobs; j++) printf(j ? ",%.17g" : "%.17g", priorities[j]);
    printf("]}]}\n");
    fflush(stdout);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    if (getline(&line, &size, stdin) < 0 || number_of(line, "version") != 1) {
        fprintf(stderr, "this program speaks version 1 of the protocol\n");
        return 2;
    }
    long num_jobs = number_of(line, "num_jobs"), num_cores = number_of(line, "num_cores");
    if (number_of(line, "num_objectives") != 1) {
        fprintf(stderr, "this program takes one objective\n");
        return 2;
    }
    state = 88172645463325252ULL ^ ((uint64_t)number_of(line, "seed") * 2654435769ULL);
    int *cores = calloc(num_jobs, sizeof *cores), *child_cores = calloc(num_jobs, sizeof *cores);
    double *priorities = calloc(num_jobs, sizeof *priorities), *child = calloc(num_jobs, sizeof *priorities);
    double best = 1e300;
    for (long j = 0; j < num_jobs; j++) resample((int)j, num_cores, child_cores, child);
    while (getline(&line, &size, stdin) > 0) {
        if (strstr(line, "\"ask\"")) {
            answer(num_jobs, child_cores, child);
        } else if (strstr(line, "\"tell\"")) {
            const char *first = strchr(line, '[') + 1;
            double value = *first == 'n' ? 1e300 : atof(first); /* null: the mapping cannot run */
            if (value <= best) {
                best = value;
                memcpy(cores, child_cores, num_jobs * sizeof *cores);
                memcpy(priorities, child, num_jobs * sizeof *priorities);
            }
            memcpy(child_cores, cores, num_jobs * sizeof *cores);
            memcpy(child, priorities, num_jobs * sizeof *priorities);
            resample((int)(uniform() * (double)num_jobs), num_cores, child_cores, child);
        } else {
            break;
        }
    }
    return 0;
}
