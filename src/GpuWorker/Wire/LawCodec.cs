using Google.Protobuf.Collections;
using Winnow.Inference.Acceptance;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Wire;

/// <summary>What drafts were drawn from, as it comes over the wire; whether it can be true is checked where it is used.</summary>
internal static class LawCodec
{
    /// <summary>The distributions of a message; an empty one is none.</summary>
    public static DraftLaw?[] Decode(RepeatedField<V1.DraftLaw> messages)
    {
        if (messages.Count == 0)
        {
            return [];
        }
        DraftLaw?[] laws = new DraftLaw?[messages.Count];
        for (int i = 0; i < laws.Length; i++)
        {
            laws[i] = messages[i].Ids.Count == 0 ? null : new DraftLaw(StepCodec.ToArray(messages[i].Ids), [.. messages[i].Probabilities], StepCodec.ToArray(messages[i].Draws));
        }
        return laws;
    }

    /// <summary>The messages of distributions.</summary>
    public static V1.DraftLaw[] Encode(DraftLaw?[] laws) => Array.ConvertAll(
        laws, law => law is null ? new V1.DraftLaw() : new V1.DraftLaw { Ids = { law.Ids }, Probabilities = { law.Probabilities }, Draws = { law.Draws } });
}
