/* Runs a fuzz target once over each file of each folder (or file) given: the seeds as an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    uint8_t *data = malloc(1 << 20);
    size_t size = data ? fread(data, 1, 1 << 20, file) : 0;
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int run_folder(const char *path, int *count)
{
    DIR *folder = opendir(path);
    if (!folder) {
        ++*count;
        return run_file(path);
    }
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[4096];
        struct stat about;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (stat(name, &about) == 0 && S_ISREG(about.st_mode)) {
            failed |= run_file(name);
            ++*count;
        }
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0, count = 0;
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        failed |= run_folder(argv[i], &count);
    printf("%d passed, 0 failed\n", count);
    return failed || count == 0;
}
