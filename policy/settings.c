/* The table of settings, from its one truth in settings.h. */
#include "settings.h"

#include <strings.h>

const struct hg_setting hg_settings[HG_NSETTINGS] = {
#define SETTING(id, name, initial, flags) [HG_SET_##id] = {name, initial, flags},
    HG_SETTINGS(SETTING)
#undef SETTING
};

int hg_setting_find(struct hg_slice name)
{
    for (int id = 0; id < HG_NSETTINGS; id++)
        if (strlen(hg_settings[id].name) == name.len &&
            strncasecmp(hg_settings[id].name, name.ptr, name.len) == 0)
            return id;
    return -1;
}
