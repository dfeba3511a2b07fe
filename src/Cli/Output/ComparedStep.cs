using System.Text.Json.Serialization;

namespace Winnow.Cli.Output;

/// <summary>What two devices expect after the same ids.</summary>
internal sealed record ComparedStep
{
    /// <summary>Number of the step, from 0.</summary>
    public required int Step { get; init; }

    /// <summary>The id that the reference finds likeliest.</summary>
    public required int Id { get; init; }

    /// <summary>The id that the other one finds likeliest.</summary>
    public required int DeviceId { get; init; }

    /// <summary>By how much the reference's logit of its own id is above that of the other one's; 0 where they are the same.</summary>
    public required float Gap { get; init; }

    /// <summary>By how much the other one's logit of its id is above that of the reference's.</summary>
    public required float DeviceGap { get; init; }

    /// <summary>Distance of the reference's two best logits.</summary>
    public required float Margin { get; init; }

    /// <summary>The largest distance of two logits of one id.</summary>
    public required float LargestDifference { get; init; }

    /// <summary>They choose different ids, and the reference finds both nearly as likely.</summary>
    public required bool NearTie { get; init; }

    /// <summary>They choose the same id.</summary>
    [JsonIgnore]
    public bool IsEqual => Id == DeviceId;

    /// <summary>Compares two rows of logits; of equal ones the lowest id is the best.</summary>
    /// <param name="number">Number of the step.</param>
    /// <param name="reference">The reference's logits, at least two.</param>
    /// <param name="subject">The other one's.</param>
    /// <param name="nearTie">Largest gap of a near-tie.</param>
    public static ComparedStep From(int number, ReadOnlySpan<float> reference, ReadOnlySpan<float> subject, float nearTie)
    {
        int id = Best(reference, except: -1);
        int other = Best(subject, except: -1);
        float gap = reference[id] - reference[other];
        float largest = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(reference[i] - subject[i]));
        }
        return new ComparedStep
        {
            Step = number,
            Id = id,
            DeviceId = other,
            Gap = gap,
            DeviceGap = subject[other] - subject[id],
            Margin = reference[id] - reference[Best(reference, id)],
            LargestDifference = largest,
            NearTie = id != other && gap <= nearTie,
        };
    }

    private static int Best(ReadOnlySpan<float> logits, int except)
    {
        int best = except == 0 ? 1 : 0;
        for (int i = best + 1; i < logits.Length; i++)
        {
            best = i != except && logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
