using System.Text.Json.Nodes;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Damages JSON: values of other types and sizes, names that are missing, nesting.</summary>
internal static class FuzzJson
{
    /// <summary>Changes one to three values in place.</summary>
    public static void Damage(JsonNode root, Random random)
    {
        for (int changes = random.Next(2) == 0 ? 1 : random.Next(2, 4); changes > 0; changes--)
        {
            Change(root, random);
        }
    }

    /// <summary>A value that hardly anybody expects.</summary>
    public static JsonNode? Odd(Random random) => random.Next(16) switch
    {
        0 => null,
        1 => 0,
        2 => -1,
        3 => int.MaxValue,
        4 => 4294967296L,
        5 => long.MaxValue,
        6 => 1e300,
        7 => 0.5,
        8 => "",
        9 => new string('a', 5000),
        10 => "\u0000\uFFFF",
        11 => new JsonArray(),
        12 => new JsonObject(),
        13 => Deep(random.Next(1, 60)),
        14 => true,
        _ => JsonValue.Create(random.Next(100)),
    };

    private static void Change(JsonNode root, Random random)
    {
        JsonNode node = root;
        while (true)
        {
            if (node is JsonObject { Count: > 0 } entries)
            {
                string name = entries.ElementAt(random.Next(entries.Count)).Key;
                if (entries[name] is JsonObject or JsonArray && random.Next(5) > 0)
                {
                    node = entries[name]!;
                    continue;
                }
                Change(entries, name, random);
            }
            else if (node is JsonArray { Count: > 0 } items)
            {
                int index = random.Next(items.Count);
                if (items[index] is JsonObject or JsonArray && random.Next(5) > 0)
                {
                    node = items[index]!;
                    continue;
                }
                Change(items, index, random);
            }
            return;
        }
    }

    private static void Change(JsonObject entries, string name, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                entries.Remove(name);
                break;
            case 1:
                JsonNode? value = entries[name]?.DeepClone();
                entries.Remove(name);
                entries[name + "x"] = value;
                break;
            default:
                entries[name] = Odd(random);
                break;
        }
    }

    private static void Change(JsonArray items, int index, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                items.RemoveAt(index);
                break;
            case 1:
                items.Insert(index, items[random.Next(items.Count)]?.DeepClone());
                break;
            default:
                items[index] = Odd(random);
                break;
        }
    }

    private static JsonNode Deep(int levels)
    {
        JsonNode node = 1;
        for (int i = 0; i < levels; i++)
        {
            node = i % 2 == 0 ? new JsonArray(node) : new JsonObject { ["a"] = node };
        }
        return node;
    }
}
