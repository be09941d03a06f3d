/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a known tag has only letters, digits and '-', and at most 35 of them. */
#include "model/language.h"

#define TAG_LIMIT 35 /* bytes (BCP 47, 4.4.1) */

/* ISO 639-1, two letters each. */
static const char codes[] =
	"aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofr"
	"fygagdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnlo"
	"ltlulvmgmhmimkmlmnmomrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsisksl"
	"smsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu";

static bool is_lower(char ch)
{
	return ch >= 'a' && ch <= 'z';
}

static bool is_subtags(str s)
{
	str part;

	while (str_cut(&s, '-', &part)) {
		if (part.n < 1 || part.n > 8)
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!char_is_alnum(part.p[i]))
				return false;
	}
	return true;
}

static bool is_code(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_lower(s.p[i]))
			return false;
	for (size_t i = 0; s.n == 2 && codes[i]; i += 2)
		if (codes[i] == s.p[0] && codes[i + 1] == s.p[1])
			return true;
	return s.n == 3;
}

bool language_is_known(str tag)
{
	str code;

	if (tag.n > TAG_LIMIT || str_ends(tag, STR("-")) || !str_cut(&tag, '-', &code))
		return false;
	return is_code(code) && is_subtags(tag);
}
